import Collectors
import Testing

@Suite struct `A pattern of cgroups` {
  @Test(arguments: [
    ("/", "/", true),
    ("/", "/a", false),
    ("/a", "/a", true),
    ("/a", "/ab", false),
    ("/a", "/a/b", false),
    ("/*", "/a", true),
    ("/*", "/", false),
    ("/*", "/a/b", false),
    ("/*.service", "/x.service", true),
    ("/*.service", "/.service", true),
    ("/*.service", "/x.slice", false),
    ("/a*b*c", "/aXbXbc", true),
    ("/a*b*c", "/aXcXb", false),
    ("/?", "/a", true),
    ("/?", "/ab", false),
    ("/?", "/é", true),
    ("/??", "/é", false),
    ("/?é", "/éé", true),
    ("/*é", "/日本é", true),
    ("/**", "/", true),
    ("/**", "/a", true),
    ("/**", "/a/b/c", true),
    ("/a/**", "/a", true),
    ("/a/**", "/a/b/c", true),
    ("/a/**", "/ab", false),
    ("/**/c", "/c", true),
    ("/**/c", "/a/b/c", true),
    ("/**/c", "/a/c/b", false),
    ("/a/**/c", "/a/c", true),
    ("/a/**/c", "/a/b/b/c", true),
    ("/a/**/c/**", "/a/b/c/d", true),
    ("/a/**/c/**", "/a/b/d", false),
    (#"/a\x2db.slice"#, #"/a\x2db.slice"#, true),
    (#"/a\x2db.slice"#, "/a-b.slice", false),
    ("/[ab]", "/[ab]", true),
    ("/[ab]", "/a", false),
    ("/a b", "/a b", true),
  ])
  func `matches a whole path, name by name`(text: String, path: String, isMatch: Bool) throws {
    #expect(try CgroupPattern(text).match(Array(path.utf8)).isMatch == isMatch)
  }

  @Test(arguments: [
    // Pattern, path, may a path below match, do all below match.
    ("/", "/", false, false),
    ("/a", "/", true, false),
    ("/a/b", "/a", true, false),
    ("/a/b", "/a/b", false, false),
    ("/a/b", "/c", false, false),
    ("/**", "/", true, true),
    ("/a/**", "/", true, false),
    ("/a/**", "/a", true, true),
    ("/a/**", "/a/b", true, true),
    ("/**/c", "/a", true, false),
    ("/**/c", "/c", true, false),
  ])
  func `tells what is below a path`(
    text: String, path: String, mayMatch: Bool, allMatch: Bool
  ) throws {
    let match = try CgroupPattern(text).match(Array(path.utf8))
    #expect(match.mayMatchBelow == mayMatch)
    #expect(match.matchesAllBelow == allMatch)
  }

  @Test(arguments: [
    ("", "a cgroup's path begins with /"),
    ("a", "a cgroup's path begins with /"),
    ("**", "a cgroup's path begins with /"),
    ("//", "it has an empty name"),
    ("/a/", "it has an empty name"),
    ("/a//b", "it has an empty name"),
    ("/a/../b", "no cgroup is named . or .."),
    ("/.", "no cgroup is named . or .."),
    ("/a**", "** must be a whole name, as in /a/**"),
    ("/a/***", "** must be a whole name, as in /a/**"),
    (String(repeating: "/a", count: 64), "it has more than 63 names"),
    ("/" + String(repeating: "a", count: 4096), "it has more than 4096 bytes"),
  ])
  func `is refused with the reason`(text: String, reason: String) {
    let problem = #expect(throws: CgroupPattern.Problem.self) { try CgroupPattern(text) }
    #expect(problem?.description == reason)
  }

  @Test func `may have as many names and bytes as are allowed`() throws {
    let names = String(repeating: "/**", count: 62) + "/b"
    #expect(try CgroupPattern(names).match(Array("/a/b".utf8)).isMatch)
    let long = "/" + String(repeating: "a", count: 4095)
    #expect(try CgroupPattern(long).match(Array(long.utf8)).isMatch)
  }

  /// A pattern that is tried again at each byte would take longer than the universe has.
  @Test(.timeLimit(.minutes(1)))
  func `takes no long time over a hostile name`() throws {
    let pattern = try CgroupPattern("/" + String(repeating: "*a", count: 120) + "*b")
    let path = Array(("/" + String(repeating: "a", count: 254)).utf8)
    for _ in 1...100 { #expect(!pattern.match(path).isMatch) }
  }
}
