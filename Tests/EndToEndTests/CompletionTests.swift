import TestSupport
import Testing

/// What each shell offers for a line that ends where the cursor is.
@Suite struct `Completions` {
  static let lines = [
    ("page-migration-exporter placement --path.p", ["--path.procfs"]),
    ("page-migration-exporter placement --path.procfs /proc --path", ["--path.sysfs"]),
    ("page-migration-exporter serve --collector.cgroup.m", ["--collector.cgroup.max"]),
    ("page-migration-exporter serve --web.telemetry-path=/m --log.l", ["--log.level"]),
    ("page-migration-exporter watch --ur", ["--url"]),
    ("page-migration-exporter placem", ["placement"]),
    ("page-migration-exporter --no-collector.n", ["--no-collector.node"]),
    ("page-migration-exporter serve --log.level w", ["warn"]),
    ("page-migration-exporter check-config /proc/vmst", ["/proc/vmstat"]),
    ("page-migration-exporter print --path.procfs /sys/kernel/m", ["/sys/kernel/mm"]),
  ]

  @Test(.needs(.tool("fish")), arguments: lines)
  func `of fish end, and offer what there is`(line: String, offered: [String]) throws {
    let script = try script(of: "fish")
    let result = try Command.run(
      ["fish", "--no-config", "-c", "source \(script.path)/script; complete -C '\(line)'"],
      limitSeconds: 30)
    #expect(result.status == .exit(0))
    // fish ends a folder's name with a slash, bash adds it when it shows it.
    let shown = result.text.split(separator: "\n").map { $0.prefix { $0 != "\t" } }
      .map { $0.last == "/" ? $0.dropLast() : $0 }
    for word in offered { #expect(shown.contains(word[...]), "\(result.text)\(result.errors)") }
  }

  /// Nothing is offered, but the shell is not held up for ever.
  @Test(
    .needs(.tool("fish")), arguments: ["placement --no.such=1 ", "placement -", "nothing --a.b "])
  func `of fish end where a word makes no sense`(words: String) throws {
    let script = try script(of: "fish")
    let line = "page-migration-exporter \(words)"
    let result = try Command.run(
      ["fish", "--no-config", "-c", "source \(script.path)/script; complete -C '\(line)'"],
      limitSeconds: 30)
    #expect(result.status == .exit(0))
  }

  @Test(arguments: lines)
  func `of bash offer what there is`(line: String, offered: [String]) throws {
    let script = try script(of: "bash")
    let words = line.split(separator: " ")
    let program = """
      source \(script.path)/script
      COMP_LINE='\(line)' COMP_POINT=${#COMP_LINE} COMP_WORDS=(\(line)) COMP_CWORD=\(words.count - 1)
      _page-migration-exporter page-migration-exporter '\(words.last!)' '\(words.dropLast().last!)'
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    let result = try Command.run(["bash", "-c", program])
    #expect(result.status == .exit(0))
    let shown = result.text.split(separator: "\n")
    for word in offered { #expect(shown.contains(word[...]), "\(result.text)\(result.errors)") }
  }

  /// zsh completes only on a terminal: it has one of its own here.
  @Test(.needs(.tool("zsh")))
  func `of zsh offer what there is`() throws {
    let script = try script(of: "zsh")
    let program = """
      zmodload zsh/zpty
      zpty shell zsh -f -i
      zpty -w shell "autoload -Uz compinit; compinit -u -d \(script.path)/dump; source \(script.path)/script; compdef _page-migration-exporter page-migration-exporter; print READY"
      zpty -r -m shell out '*READY*READY*'
      zpty -w -n shell $'page-migration-exporter placement --pa\\t'
      zpty -r -m shell out '*--path.sysfs*'
      print -r -- "$out"
      zpty -d shell
      """
    let result = try Command.run(["zsh", "-f", "-c", program], limitSeconds: 30)
    for word in ["--path.procfs", "--path.sysfs", "--path.cgroupfs"] {
      #expect(result.text.contains(word), "\(result.text)")
    }
  }

  /// The script as the program writes it.
  private func script(of shell: String) throws -> TemporaryTree {
    let result = try Exporter.run("--generate-completion-script", shell)
    #expect(result.status == .exit(0) && result.errors == "")
    return try TemporaryTree(["script": result.text])
  }
}
