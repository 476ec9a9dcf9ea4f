package import KernelText

/// Where a process's memory is: bytes on each NUMA node, by the kind of mapping.
package struct Placement: Equatable, Sendable {
  /// What a mapping is of. Anonymous copies of a file's pages count as `file`, like the mapping
  /// that they are in.
  package enum Kind: String, CaseIterable, Sendable { case anon, heap, stack, file, shmem, hugetlb }

  package struct Row: Equatable, Sendable {
    package let kind: Kind
    /// In bytes: the base page's size, or that of a hugetlb page.
    package let pageSize: UInt64
    package fileprivate(set) var bytesOnNode: [Int: UInt64] = [:]
    /// How much of it is mapped by whole THPs, on whichever nodes: the kernel does not say which.
    /// Nil where it is not known. Always 0 for hugetlb, whose pages are no THPs.
    package fileprivate(set) var hugeBytes: UInt64?

    package var bytes: UInt64 { bytesOnNode.values.reduce(0, &+) }
  }

  /// A row for each kind but hugetlb, in their order, then one for each size of hugetlb page that
  /// the process has. No row for shmem where it could not be told from files: it is in `file` then.
  package private(set) var rows: [Row]

  /// - Parameter huge: what `/proc/PID/smaps` said. Nil where it could not be read.
  package init(
    _ mappings: [NumaMapping], pageSize: UInt64, huge: HugeMappings?
  ) {
    rows = Kind.allCases.filter { $0 != .hugetlb && ($0 != .shmem || huge != nil) }.map {
      Row(kind: $0, pageSize: pageSize, hugeBytes: huge.map { [kind = $0] in $0.bytes(of: kind) })
    }
    for mapping in mappings where !mapping.nodes.isEmpty {
      let isShared = huge?.shared.contains(mapping.start) ?? false
      add(mapping, as: Kind(of: mapping, isShared: isShared))
    }
    rows[Self.baseRows(rows)...].sort { $0.pageSize < $1.pageSize }
  }

  /// The nodes that have any of it, rising.
  package var nodes: [Int] { Set(rows.flatMap(\.bytesOnNode.keys)).sorted() }

  private mutating func add(_ mapping: NumaMapping, as kind: Kind) {
    let pageSize = mapping.pageSize ?? 0
    var place = rows.firstIndex {
      $0.kind == kind && (kind != .hugetlb || $0.pageSize == pageSize)
    }
    if place == nil {
      place = rows.count
      rows.append(Row(kind: kind, pageSize: pageSize, hugeBytes: 0))
    }
    for node in mapping.nodes {
      rows[place!].bytesOnNode[node.node, default: 0] &+= node.bytes
    }
  }

  private static func baseRows(_ rows: [Row]) -> Int {
    rows.firstIndex { $0.kind == .hugetlb } ?? rows.count
  }
}

extension Placement.Kind {
  init(of mapping: NumaMapping, isShared: Bool) {
    if mapping.isHugetlb {
      self = .hugetlb
    } else if isShared {
      self = .shmem
    } else {
      switch mapping.kind {
      case .anonymous: self = .anon
      case .heap: self = .heap
      case .stack: self = .stack
      case .file: self = .file
      }
    }
  }
}
