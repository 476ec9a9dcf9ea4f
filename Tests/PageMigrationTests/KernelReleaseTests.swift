import PageMigration
import Testing

@Suite struct `A kernel release` {
  @Test(arguments: [
    ("5.8.18", 5, 8),
    ("5.10.0-36-cloud-amd64", 5, 10),
    ("5.15.0-91-generic", 5, 15),
    ("5.17.0-rc1", 5, 17),
    ("5.17-rc1", 5, 17),
    ("6.1.0-56-cloud-amd64", 6, 1),
    ("6.18.44-fc-v595", 6, 18),
    ("7.2.13+deb14-cloud-amd64", 7, 2),
    ("6.6.87.2-microsoft-standard-WSL2", 6, 6),
    ("4.18.0-553.el8_10.x86_64", 4, 18),
    ("5.17+", 5, 17),
    ("10.0", 10, 0),
  ])
  func `is its first two numbers`(text: String, major: Int, minor: Int) {
    #expect(KernelRelease(parsing: text) == KernelRelease(major, minor))
  }

  @Test(arguments: ["", "5", "5.", ".5", "v5.17", "five.17", "5.x", "-5.17", "5 .17", "linux"])
  func `is nothing without them`(text: String) {
    #expect(KernelRelease(parsing: text) == nil)
  }

  @Test func `is compared number by number`() {
    let rising = [
      KernelRelease(4, 19), KernelRelease(5, 2), KernelRelease(5, 10), KernelRelease(5, 17),
      KernelRelease(6, 0), KernelRelease(6, 1), KernelRelease(10, 0),
    ]
    #expect(rising.shuffled().sorted() == rising)
  }

  @Test(arguments: [
    ("5.4.0-216-generic", nil),
    ("5.8.18", nil),
    ("5.9.0", false),
    ("5.10.0-36-cloud-amd64", false),
    ("5.15.0-91-generic", false),
    ("5.16.20", false),
    ("5.17.0-rc1", true),
    ("6.1.0-56-cloud-amd64", true),
    ("6.18.44-fc-v595", true),
    ("7.2.13+deb14-cloud-amd64", true),
  ])
  func `decides whether failed THPs include the split ones`(text: String, includes: Bool?) {
    #expect(KernelRelease(parsing: text)?.thpFailedIncludesSplit == includes)
  }
}
