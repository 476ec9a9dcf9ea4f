import KernelText
import System
import Testing

@Suite struct `The offsets of a time namespace` {
  @Test(arguments: [
    ("monotonic           0         0\nboottime            0         0\n", Duration.zero),
    (
      "monotonic           0         0\nboottime       864000       500\n",
      .nanoseconds(864_000_000_000_500)
    ),
    ("monotonic      -86400         0\nboottime       -86400         0\n", .seconds(-86400)),
    ("boottime 1 0", .seconds(1)),
  ])
  func `are those of the clock that goes on in suspends`(text: String, boottime: Duration) {
    #expect(TimeNamespaceOffsets(parsing: Array(text.utf8).span)?.boottime == boottime)
  }

  @Test(arguments: [
    "", "\n", "monotonic 0 0\n", "boottime", "boottime 1\n", "boottime 1 2 3\n", "boottime one 0\n",
    "boottime 99999999999999999999 0\n", "xboottime 1 0\n",
  ])
  func `are unknown where they are not understood`(text: String) {
    #expect(TimeNamespaceOffsets(parsing: Array(text.utf8).span) == nil)
  }

  @Test func `put the boot before now`() {
    #expect(BootInstant.boot.sinceBoot <= BootInstant.now.sinceBoot)
  }
}
