import KernelText
import System

/// Every parser of bytes from outside, by name.
let parsers: [String: @Sendable ([UInt8]) -> Void] = [
  "flat-keyed-text": flatKeyedText,
  "number-list": { _ = NumberList($0.span) },
  "duration": { bytes in
    guard let duration = Duration(spelled: String(decoding: bytes, as: UTF8.self)) else { return }
    expect(Duration(spelled: duration.spelled) == duration, "\(duration) is spelled otherwise")
  },
]

/// The scanner that remembers names gives what the plain reader gives, and the same twice.
@Sendable private func flatKeyedText(_ bytes: [UInt8]) {
  var scanner = FieldScanner(fields: ["a", "pgmigrate_success", "compact_stall"])
  var first = [UInt64](repeating: 0, count: 3)
  var second = first
  let one = try? scanner.scan(bytes.span, into: &first)
  let two = try? scanner.scan(bytes.span, into: &second)
  expect(one == two && (one == nil || first == second), "the second scan differs")
}
