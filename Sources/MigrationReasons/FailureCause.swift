/// Why a page did not move, in the order of `enum cause` of `causes.bpf.c`. Change both.
package enum FailureCause: String, CaseIterable, Sendable {
  case locked, writeback, pinned
  case extraReference = "extra_reference"
  case stillMapped = "still_mapped"
  case buffersBusy = "buffers_busy"
  case privateData = "private_data"
  case noMigrateOp = "no_migrate_op"
  case inaccessible
  case noTarget = "no_target"
  case driver
  case memoryError = "memory_error"
  case transient, unknown
}

/// What kind of page did not move, in the order of `enum kind` of `causes.bpf.c`. Change both.
package enum FailureKind: String, CaseIterable, Sendable {
  case anon, shmem, file, hugetlb
  case movableOps = "movable_ops"
  case unknown
}

/// Why NUMA balancing gave up a move before trying it, in the order of `enum refusal` of
/// `causes.bpf.c`. Change both.
package enum NUMARefusal: String, CaseIterable, Sendable {
  case sharedExecutable = "shared_executable"
  case other
}

/// Pages that did not move for one reason, once by cause and once by kind.
package struct FailedPages: Equatable, Sendable {
  /// In the order of `FailureCause.allCases`. Their sum is the reason's failed pages.
  package var causes = [UInt64](repeating: 0, count: FailureCause.allCases.count)
  /// In the order of `FailureKind.allCases`.
  package var kinds = [UInt64](repeating: 0, count: FailureKind.allCases.count)

  package init() {}

  package subscript(cause: FailureCause) -> UInt64 {
    causes[FailureCause.allCases.firstIndex(of: cause)!]
  }

  package subscript(kind kind: FailureKind) -> UInt64 {
    kinds[FailureKind.allCases.firstIndex(of: kind)!]
  }
}

/// Where `causes.bpf.c` keeps what it counts: its `struct slot`, in words of 64 bits. Change both.
enum FailureLayout {
  static let causes = 16
  static let kinds = 8
  static let refusals = 8

  static let wordsPerReason = causes + kinds
  static let firstRefusal = wordsPerReason * SlotLayout.reasons
  static let wordsPerSlot = firstRefusal + refusals
}
