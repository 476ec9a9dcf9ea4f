/// Why a cgroup file system has no counters of memory: only version 2 of cgroups keeps them, and
/// there only where version 1 has not taken the memory controller.
package enum NoMemoryController: Error, Equatable, CustomStringConvertible {
  case notVersion2(String)
  case notIn(String)

  package var description: String {
    switch self {
    case .notVersion2(let root):
      "\(root) is no cgroup version 2 hierarchy: it has no cgroup.controllers"
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
    "\(root): has more than \(limit) cgroups to look at: deny some of them"
  }
}
