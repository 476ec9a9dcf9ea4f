import MigrationReasons
import Testing

@Suite struct `A command's name` {
  @Test(
    arguments: [
      (0, 0, ""),
      (0x7463_6170_6d6f_636b, 0x3064, "kcompactd0"),
      (0x3837_3635_3433_3231, 0x35_3433_3231_3039, "123456789012345"),
      // Nothing after a zero is the name's, and what is no UTF-8 is told as such.
      (0x6800_6261, 0x6161, "ab"),
      (0xff61, 0, "a\u{fffd}"),
    ] as [(UInt64, UInt64, String)])
  func `is up to its first zero`(first: UInt64, second: UInt64, text: String) {
    #expect("\(CommandName(first, second))" == text)
  }
}
