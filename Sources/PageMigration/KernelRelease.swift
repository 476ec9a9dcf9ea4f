/// The kernel's version as far as the meaning of a counter depends on it: `6.1` of
/// `6.1.0-56-cloud-amd64`.
package struct KernelRelease: Comparable, Hashable, Sendable {
  package let major: Int
  package let minor: Int

  package init(_ major: Int, _ minor: Int) {
    self.major = major
    self.minor = minor
  }

  /// Nil unless `text` begins with two numbers and a dot between them, as `uname -r` does.
  package init?(parsing text: String) {
    let parts = text.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count >= 2 else { return nil }
    let minorDigits = parts[1].prefix { $0.isASCII && $0.isNumber }
    guard
      parts[0].allSatisfy({ $0.isASCII && $0.isNumber }),
      let major = Int(parts[0]), let minor = Int(minorDigits)
    else { return nil }
    self.init(major, minor)
  }

  package static func < (one: Self, other: Self) -> Bool {
    (one.major, one.minor) < (other.major, other.minor)
  }

  /// Whether `thp_migration_fail` counts the THPs that were split, too.
  ///
  /// From 5.17 on it does (`b5bade978e9b mm: migrate: fix the return value of migrate_pages()`), so
  /// lost THPs are fail − split. Before, the two are disjoint. Nil before 5.9, which has neither.
  package var thpFailedIncludesSplit: Bool? {
    self >= KernelRelease(5, 17) ? true : self >= KernelRelease(5, 9) ? false : nil
  }
}
