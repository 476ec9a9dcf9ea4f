internal import Arguments
internal import Collectors

extension CgroupPattern: ArgumentValue {
  init(argument: String) throws(InvalidArgument) {
    do throws(Problem) {
      try self.init(argument)
    } catch {
      throw InvalidArgument(error.description)
    }
  }

  var asArgument: String { description }
}

struct CgroupOptions: ArgumentGroup {
  let isOn: Bool
  let max: Int
  let depth: Int
  let allow: [CgroupPattern]
  let deny: [CgroupPattern]

  static let patternLimit = 64

  init(_ arguments: inout ArgumentReader) throws(UsageError) {
    let standard = CgroupSelection()
    isOn = try arguments.toggle(
      "collector.cgroup", "The counters of each cgroup (version 2, Linux 6.12 and later).")
    max = try arguments.value(
      "collector.cgroup.max", "n", standard: standard.max,
      "How many cgroups to follow at most, shallow ones first; from 1 to 10000.")
    depth = try arguments.value(
      "collector.cgroup.depth", "n", standard: standard.depth,
      "How many levels below the root to follow; 0 is the root alone, 64 the most.")
    allow = try arguments.values(
      "collector.cgroup.allow", "pattern",
      "Follow only cgroups whose path matches; may be given several times.",
      details: "* and ? stand for characters of a name, ** for any number of names: /a/**.")
    deny = try arguments.values(
      "collector.cgroup.deny", "pattern",
      "Follow no cgroup whose path matches, even if it is allowed; may be given several times.")
    try Self.check(max, CgroupSelection.maxRange, "--collector.cgroup.max")
    try Self.check(depth, CgroupSelection.depthRange, "--collector.cgroup.depth")
    for (patterns, flag) in [(allow, "allow"), (deny, "deny")]
    where patterns.count > Self.patternLimit {
      throw UsageError(
        "--collector.cgroup.\(flag) may be given \(Self.patternLimit) times at most")
    }
  }

  var selection: CgroupSelection {
    var selection = CgroupSelection()
    selection.max = max
    selection.depth = depth
    selection.allow = allow
    selection.deny = deny
    return selection
  }

  private static func check(
    _ value: Int, _ range: ClosedRange<Int>, _ flag: String
  ) throws(UsageError) {
    guard range.contains(value) else {
      throw UsageError(
        "\(flag) must be from \(range.lowerBound) to \(range.upperBound), not \(value)")
    }
  }
}
