internal import System

/// Finds the cgroup that a number of the kernel's means: the inode of its folder in the hierarchy of
/// version 2. No cgroup ever gets the number of another.
package struct CgroupFinder: Sendable {
  private let procfs: String
  /// Where version 2 is mounted. Nil where it is not.
  private let root: String?
  private let limits: Limits
  private var paths: [UInt64: String] = [:]
  private var walked: MonotonicTime?

  package struct Limits: Sendable {
    /// Folders that one walk looks at.
    package var folders = 4096
    /// The shortest time between two walks.
    package var pause = Duration.seconds(10)

    package init() {}
  }

  package init(_ paths: KernelPaths, _ limits: Limits = Limits()) {
    procfs = paths.procfs
    self.limits = limits
    // Beside version 1, systemd mounts version 2 in a folder of its own.
    root = [paths.cgroupfs, "\(paths.cgroupfs)/unified"].first {
      (try? CgroupFolder(listing: $0))?.isVersion2 ?? false
    }
  }

  /// Its path, `/` for the root. Nil where it is not found.
  ///
  /// - Parameter process: one that was in it, which is asked first.
  package mutating func path(of cgroup: UInt64, process: UInt32) -> String? {
    guard let root else { return nil }
    if let path = paths[cgroup] { return path }
    if let path = path(ofProcess: process), CgroupFolder.number(of: root + path) == cgroup {
      remember(path, cgroup)
      return path
    }
    let now = MonotonicTime.now
    if let walked, now - walked < limits.pause { return nil }
    walked = now
    _ = walk(root)
    return paths[cgroup]
  }

  /// The numbers of all cgroups that there are. Nil where there are more than one walk looks at.
  package mutating func all() -> Set<UInt64>? {
    guard let root, walk(root) else { return nil }
    return Set(paths.keys)
  }

  private mutating func remember(_ path: String, _ cgroup: UInt64) {
    if paths.count >= limits.folders { paths.removeAll() }
    paths[cgroup] = path
  }

  /// As the process's own file has it (cgroups(7)): from the root of this process's cgroup namespace.
  private func path(ofProcess process: UInt32) -> String? {
    var file = PseudoFile("\(procfs)/\(process)/cgroup")
    var buffer = [UInt8](repeating: 0, count: 4096)
    guard let count = try? file.read(into: &buffer) else { return nil }
    let text = String(decoding: buffer[..<count], as: UTF8.self)
    let line = text.split(separator: "\n").first { $0.hasPrefix("0::/") }
    guard let path = line?.dropFirst(3), !path.split(separator: "/").contains("..") else {
      return nil
    }
    return String(path)
  }

  /// Level after level.
  ///
  /// - Returns: whether that was all, and not the limit.
  private mutating func walk(_ root: String) -> Bool {
    var (level, seen) = (["/"], 0)
    paths.removeAll()
    while !level.isEmpty {
      var next: [String] = []
      for path in level {
        guard seen < limits.folders else { return false }
        seen += 1
        if let number = CgroupFolder.number(of: root + path) { paths[number] = path }
        guard let folder = try? CgroupFolder(lookingAt: root + path) else { continue }
        next += folder.children.map { name in
          (path == "/" ? "/" : "\(path)/") + String(decoding: name, as: UTF8.self)
        }
      }
      level = next
    }
    return true
  }
}
