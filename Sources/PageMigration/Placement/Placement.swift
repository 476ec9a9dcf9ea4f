package import KernelText

/// Where a process's memory is: bytes on each NUMA node, by the kind of mapping. Anonymous
/// copies of a file's pages count as `file`, like the mapping that they are in.
package struct Placement: Equatable, Sendable {
  package struct Row: Equatable, Sendable {
    package let kind: MappingKind
    /// In bytes: the base page's size, or that of a hugetlb page.
    package let pageSize: UInt64
    package fileprivate(set) var bytesOnNode: [Int: UInt64] = [:]
    /// How much of it is mapped by whole THPs, on whichever nodes: the kernel does not say which.
    /// Nil where it is not known. Always 0 for hugetlb, whose pages are no THPs.
    package fileprivate(set) var thpBytes: UInt64?

    package var bytes: UInt64 { bytesOnNode.values.reduce(0, &+) }
  }

  /// A row for each kind but hugetlb, in their order, then one for each size of hugetlb page that
  /// the process has. No row for shmem where it could not be told from files: it is in `file` then.
  package private(set) var rows: [Row]
  /// Bytes under each memory policy.
  package private(set) var bytesUnderPolicy: [String: UInt64] = [:]

  /// - Parameter smaps: what `/proc/PID/smaps` said. Nil where it could not be read.
  package init(
    _ mappings: [NumaMapping], pageSize: UInt64, smaps: SmapsTotals?
  ) {
    rows = MappingKind.allCases.filter { $0 != .hugetlb && ($0 != .shmem || smaps != nil) }.map {
      Row(
        kind: $0, pageSize: pageSize, thpBytes: smaps.map { [kind = $0] in $0.thpBytes(of: kind) })
    }
    for mapping in mappings where !mapping.nodes.isEmpty {
      let isShared = mapping.kind != .hugetlb && smaps?.shared.contains(mapping.start) ?? false
      add(mapping, as: isShared ? .shmem : mapping.kind)
      bytesUnderPolicy[mapping.policy, default: 0] &+= mapping.nodes.reduce(0) { $0 &+ $1.bytes }
    }
    rows[Self.baseRows(rows)...].sort { $0.pageSize < $1.pageSize }
  }

  package var bytes: UInt64 { rows.reduce(0) { $0 &+ $1.bytes } }

  package func bytes(onNode node: Int) -> UInt64 {
    rows.reduce(0) { $0 &+ ($1.bytesOnNode[node] ?? 0) }
  }

  /// Nil where it is not known.
  package var thpBytes: UInt64? {
    rows.reduce(0) { sum, row in sum.flatMap { sum in row.thpBytes.map { sum &+ $0 } } }
  }

  /// The nodes that have any of it, rising.
  package var nodes: [Int] { Set(rows.flatMap(\.bytesOnNode.keys)).sorted() }

  private mutating func add(_ mapping: NumaMapping, as kind: MappingKind) {
    let pageSize = mapping.pageSize ?? 0
    var place = rows.firstIndex {
      $0.kind == kind && (kind != .hugetlb || $0.pageSize == pageSize)
    }
    if place == nil {
      place = rows.count
      rows.append(Row(kind: kind, pageSize: pageSize, thpBytes: 0))
    }
    for share in mapping.nodes {
      rows[place!].bytesOnNode[share.node, default: 0] &+= share.bytes
    }
  }

  private static func baseRows(_ rows: [Row]) -> Int {
    rows.firstIndex { $0.kind == .hugetlb } ?? rows.count
  }
}
