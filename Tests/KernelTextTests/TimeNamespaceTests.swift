import KernelText
import System
import Testing

@Suite struct `The offsets of a time namespace` {
  @Test(arguments: [
    (
      "monotonic           0         0\nboottime            0         0\n", Duration.zero,
      Duration.zero
    ),
    (
      "monotonic           1         0\nboottime       864000       500\n", Duration.seconds(1),
      Duration.nanoseconds(864_000_000_000_500)
    ),
    (
      "monotonic      -86400         0\nboottime       -86401         5\n",
      Duration.seconds(-86_400),
      Duration.nanoseconds(-86_400_999_999_995)
    ),
  ])
  func `are those of two clocks`(text: String, monotonic: Duration, boottime: Duration) {
    #expect(
      TimeNamespaceOffsets(parsing: Array(text.utf8).span)
        == TimeNamespaceOffsets(monotonic: monotonic, boottime: boottime))
  }

  @Test(arguments: [
    "", "\n", "monotonic 0 0\n", "boottime 0 0\n", "monotonic 0 0\nboottime",
    "monotonic 0 0\nboottime 1\n", "monotonic 0 0\nboottime 1 2 3\n",
    "monotonic one 0\nboottime 0 0\n", "monotonic 0 0\nboottime 99999999999999999999 0\n",
  ])
  func `are unknown where they are not understood`(text: String) {
    #expect(TimeNamespaceOffsets(parsing: Array(text.utf8).span) == nil)
  }

  @Test func `put the boot before now`() {
    #expect(BootInstant.boot.sinceBoot <= BootInstant.now.sinceBoot)
    #expect(MonotonicTime(ofKernel: MonotonicTime.now.ofKernel) <= .now)
  }
}
