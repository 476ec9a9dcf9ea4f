internal import Glibc
package import Testing

/// What a test needs of the machine that it runs on.
///
/// A developer's machine may lack it: then the test is skipped and says why. CI may not: there the
/// test runs all the same and fails.
package struct Need: Sendable {
  package let isMet: @Sendable () -> Bool
  let reason: String

  package init(isMet: @escaping @Sendable () -> Bool, reason: String) {
    self.isMet = isMet
    self.reason = reason
  }

  package static let root = Need(isMet: { geteuid() == 0 }, reason: "needs root")

  /// A program that `make test` installs.
  package static func tool(_ name: String) -> Need {
    Need(isMet: { Command.find(name) != nil }, reason: "needs \(name), which `make test` installs")
  }

  package static let ipv6 = Need(
    isMet: { Files.exists("/proc/net/if_inet6") }, reason: "needs IPv6")

  package static let cgroup2 = Need(
    isMet: { geteuid() == 0 && CgroupMount.path != nil }, reason: "needs root and cgroup v2")

  package static let memoryLimit = Need(
    isMet: { geteuid() == 0 && CgroupMount.memory != nil },
    reason: "needs root and cgroups that limit memory")

  package static let fuse = Need(
    isMet: { geteuid() == 0 && Files.exists("/dev/fuse") }, reason: "needs root and /dev/fuse")

  package static let numa = Need(
    isMet: { Files.exists("/proc/self/numa_maps") }, reason: "needs a kernel with NUMA")

  package static let kernelThreads = Need(
    isMet: { (try? Files.text("/proc/2/comm")) == "kthreadd\n" },
    reason: "needs to see the kernel's threads")

  package static let kernelSymbols = Need(
    isMet: { Files.exists("/proc/kallsyms") }, reason: "needs /proc/kallsyms")

  package static let openMetricsParser = python(
    "prometheus_client", of: "python3-prometheus-client")

  package static let protobuf = python(
    "google.protobuf, prometheus_client", of: "python3-protobuf and python3-prometheus-client")

  private static func python(_ modules: String, of packages: String) -> Need {
    Need(
      isMet: {
        (try? Command.run(["/usr/bin/python3", "-c", "import \(modules)"]))?.status == .exit(0)
      },
      reason: "needs \(packages), which `make test` installs")
  }
}

extension Trait where Self == ConditionTrait {
  package static func needs(_ need: Need) -> Self {
    .enabled(Comment(rawValue: need.reason)) { Environment.isCI || need.isMet() }
  }
}

package enum Environment {
  package static func value(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  package static let isCI = value("CI").map { !$0.isEmpty && $0 != "false" } ?? false
}

package enum CgroupMount {
  /// Where cgroups that limit memory can be made, of either version. Nil where they cannot.
  package static let memory: String? = {
    if Files.exists("/sys/fs/cgroup/memory/memory.limit_in_bytes") {
      return "/sys/fs/cgroup/memory"
    }
    guard let path, let enabled = try? Files.text("\(path)/cgroup.subtree_control") else {
      return nil
    }
    return enabled.split(separator: " ").contains("memory") ? path : nil
  }()

  /// Where cgroup v2 is mounted. Nil where it is not.
  package static let path: String? = {
    let mounts = (try? Files.text("/proc/self/mounts")) ?? ""
    let fields = mounts.split(separator: "\n").map { $0.split(separator: " ") }
    return fields.first { $0.count > 2 && $0[2] == "cgroup2" }.map { String($0[1]) }
  }()
}
