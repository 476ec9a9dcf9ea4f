internal import KernelText

/// `/proc/buddyinfo`, for kernels before 6.15, whose vmstat does not say how much of the free memory is
/// in whole pageblocks.
package struct FreeBlocksFile: ~Copyable {
  private var file: PseudoFile

  package init(procfs: String) { file = PseudoFile("\(procfs)/buddyinfo") }

  /// Base pages in free blocks that a huge page can be had from, by node. Nil where the kernel has no
  /// such file.
  ///
  /// A pageblock is as large as a huge page (include/linux/pageblock-flags.h), where there are any.
  package mutating func pagesByNode(
    _ facts: HostFacts, using buffer: inout [UInt8]
  ) throws -> [Int: UInt64]? {
    guard let thpSize = facts.thpSize, thpSize >= facts.pageSize else { return nil }
    let order = (thpSize / facts.pageSize).trailingZeroBitCount
    let count: Int
    do throws(FileError) {
      count = try file.read(into: &buffer)
    } catch {
      guard error.meansGone else { throw error }
      return nil
    }
    var pages: [Int: UInt64] = [:]
    let isWhole = FreeBlocks.forEachZone(
      buffer.span.extracting(0..<count), fromOrder: order
    ) { node, count in pages[node, default: 0] &+= count }
    guard isWhole else {
      throw MalformedFile(file.path, "has a line that is not understood, or was cut")
    }
    return pages
  }
}
