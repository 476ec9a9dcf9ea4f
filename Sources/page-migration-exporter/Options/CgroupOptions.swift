internal import ArgumentParser
internal import Collectors

struct CgroupOptions: ParsableArguments {
  @Flag(
    name: .customLong("collector.cgroup"), inversion: .prefixedNo,
    help: "The counters of each cgroup (version 2, Linux 6.12 and later).")
  var isOn = false

  @Option(
    name: .customLong("collector.cgroup.max"),
    help: ArgumentHelp(
      "How many cgroups to follow at most, shallow ones first; from 1 to 10000.", valueName: "n"))
  var max = CgroupSelection().max

  @Option(
    name: .customLong("collector.cgroup.depth"),
    help: ArgumentHelp(
      "How many levels below the root to follow; 0 is the root alone, 64 the most.", valueName: "n")
  )
  var depth = CgroupSelection().depth

  @Option(
    name: .customLong("collector.cgroup.allow"),
    help: ArgumentHelp(
      "Follow only cgroups whose path matches; may be given several times.",
      discussion: "* and ? stand for characters of a name, ** for any number of names: /a/**.",
      valueName: "pattern"),
    transform: pattern)
  var allow: [CgroupPattern] = []

  @Option(
    name: .customLong("collector.cgroup.deny"),
    help: ArgumentHelp(
      "Follow no cgroup whose path matches, even if it is allowed; may be given several times.",
      valueName: "pattern"),
    transform: pattern)
  var deny: [CgroupPattern] = []

  static let patternLimit = 64

  var selection: CgroupSelection {
    var selection = CgroupSelection()
    selection.max = max
    selection.depth = depth
    selection.allow = allow
    selection.deny = deny
    return selection
  }

  func validate() throws {
    try check(max, CgroupSelection.maxRange, "--collector.cgroup.max")
    try check(depth, CgroupSelection.depthRange, "--collector.cgroup.depth")
    for (patterns, flag) in [(allow, "allow"), (deny, "deny")]
    where patterns.count > Self.patternLimit {
      throw ValidationError(
        "--collector.cgroup.\(flag) may be given \(Self.patternLimit) times at most")
    }
  }

  private func check(_ value: Int, _ range: ClosedRange<Int>, _ flag: String) throws {
    guard range.contains(value) else {
      throw ValidationError(
        "\(flag) must be from \(range.lowerBound) to \(range.upperBound), not \(value)")
    }
  }
}

private let pattern: @Sendable (String) throws -> CgroupPattern = { try CgroupPattern($0) }
