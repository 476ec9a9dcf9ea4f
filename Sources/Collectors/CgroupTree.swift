internal import KernelText

/// The cgroups of a version 2 hierarchy that have the memory controller, found anew at each walk
/// (Documentation/admin-guide/cgroup-v2.rst).
package struct CgroupTree: Sendable {
  package let root: String
  private let selection: CgroupSelection

  package init(_ root: String, _ selection: CgroupSelection) {
    self.root = root
    self.selection = selection
  }

  /// What a walk has found.
  package struct Walk: Sendable {
    /// The paths of the cgroups to follow, `/` for the root: level after level, on each level in
    /// the order of their parents, and below one parent in the order of the names' bytes.
    package fileprivate(set) var paths: [[UInt8]] = []
    /// How many more there are to follow, beyond the maximum or with a name that is not UTF-8.
    package fileprivate(set) var leftOut = 0
    package fileprivate(set) var problems: [any Error] = []
  }

  /// Goes through the levels. A cgroup that vanishes meanwhile is no failure.
  ///
  /// - Throws: where no cgroup can be found at all: ``FileError`` or ``NoMemoryController``.
  package func walk() throws -> Walk {
    var walk = Walk()
    var opened = 0
    var level: [[UInt8]] = [Array("/".utf8)]
    for depth in 0...selection.depth where !level.isEmpty {
      var next: [[UInt8]] = []
      for path in level {
        let verdict = selection.verdict(on: path)
        guard verdict.isTaken || (verdict.goesBelow && depth < selection.depth) else { continue }
        guard opened < selection.folderLimit else {
          walk.problems.append(TooManyCgroups(root: root, limit: selection.folderLimit))
          return walk
        }
        opened += 1
        guard let folder = try list(path, &walk) else { continue }
        // The kernel gives a controller to a cgroup only where its parent has it.
        guard folder.hasMemoryStat || depth == 0 else { continue }
        if folder.hasMemoryStat, verdict.isTaken { take(path, &walk) }
        guard depth < selection.depth, verdict.goesBelow else { continue }
        for name in folder.children { next.append(path.appending(name)) }
      }
      level = next
    }
    return walk
  }

  /// Nil where the cgroup is gone or cannot be listed.
  private func list(_ path: [UInt8], _ walk: inout Walk) throws -> CgroupFolder? {
    guard path.count > 1 else { return try listRoot() }
    guard let name = String(validating: path, as: UTF8.self) else {
      // No label could tell it apart.
      walk.leftOut += 1
      return nil
    }
    do throws(FileError) {
      return try CgroupFolder(lookingAt: root + name)
    } catch {
      if !error.meansGone { walk.problems.append(error) }
      return nil
    }
  }

  private func listRoot() throws -> CgroupFolder {
    let folder = try CgroupFolder(listing: root)
    guard folder.isVersion2 else { throw NoMemoryController.notVersion2(root) }
    if !folder.hasMemoryStat { try checkController() }
    return folder
  }

  private func checkController() throws {
    var file = SingleValueFile("\(root)/cgroup.controllers")
    var buffer = [UInt8](repeating: 0, count: 256)
    let controllers = try file.read(using: &buffer) { SingleValue.word($0) }
    guard controllers?.split(separator: " ").contains("memory") ?? false else {
      throw NoMemoryController.notIn(root)
    }
  }

  private func take(_ path: [UInt8], _ walk: inout Walk) {
    if walk.paths.count < selection.max {
      walk.paths.append(path)
    } else {
      walk.leftOut += 1
    }
  }
}

extension [UInt8] {
  fileprivate func appending(_ name: [UInt8]) -> [UInt8] {
    var path = self
    path.reserveCapacity(count + 1 + name.count)
    if count > 1 { path.append(UInt8(ascii: "/")) }
    path.append(contentsOf: name)
    return path
  }
}

/// Why a cgroup file system has no counters of memory: only version 2 of cgroups keeps them, and
/// there only where version 1 has not taken the memory controller.
package enum NoMemoryController: Error, Equatable, CustomStringConvertible {
  case notVersion2(String)
  case notIn(String)

  package var description: String {
    switch self {
    case .notVersion2(let root):
      "\(root) is not a cgroup version 2 hierarchy: it has no cgroup.controllers"
    case .notIn(let root):
      "\(root)/cgroup.controllers: has no memory controller; cgroup version 1 may have taken it"
    }
  }
}

/// A hierarchy of which only a part was looked at.
package struct TooManyCgroups: Error, Equatable, CustomStringConvertible {
  let root: String
  let limit: Int

  package var description: String {
    "\(root): has more than \(limit) cgroups: exclude some with --collector.cgroup.deny"
  }
}
