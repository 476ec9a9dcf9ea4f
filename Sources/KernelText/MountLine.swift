/// A line of `/proc/PID/mountinfo` (Documentation/filesystems/proc.rst).
///
/// `25 24 0:23 / /dev/shm rw,relatime shared:3 - tmpfs tmpfs rw`
package struct MountLine: Equatable, Sendable {
  package let device: DeviceNumber
  package let type: String

  /// Nil where the line is none of a mount.
  package init?(parsing line: Span<UInt8>) {
    let words = SingleValue.word(line).split(separator: " ")
    guard words.count > 2, let dash = words.firstIndex(of: "-"), dash + 1 < words.count else {
      return nil
    }
    let numbers = words[2].split(separator: ":").compactMap { UInt32($0) }
    guard numbers.count == 2 else { return nil }
    device = DeviceNumber(major: numbers[0], minor: numbers[1])
    type = String(words[dash + 1])
  }
}
