/// One of a program's commands: what it takes, and what it does.
package protocol Command: ArgumentGroup, SendableMetatype {
  static var name: String { get }
  /// A sentence.
  static var abstract: String { get }
  static var discussion: String? { get }

  func run() throws
}

extension Command {
  package static var discussion: String? { nil }

  /// What it takes.
  package static var parameters: [Parameter] {
    var arguments = ArgumentReader()
    // Nothing was given, so nothing can be wrong with it.
    _ = try? Self(&arguments)
    return arguments.parameters
  }
}

/// What a program can be asked for on its command line.
package struct CommandTable: Sendable {
  package let program: String
  /// A sentence.
  package let abstract: String
  package let discussion: String
  /// Without any command, the first one is meant.
  package let commands: [any Command.Type]

  package init(
    program: String, abstract: String, discussion: String, commands: [any Command.Type]
  ) {
    self.program = program
    self.abstract = abstract
    self.discussion = discussion
    self.commands = commands
  }

  package enum Request {
    case run(any Command)
    case help(String)
    /// All commands and what they take, for other programs.
    case description
    case version
    case completions(String)
  }

  package func request(_ arguments: [String]) throws(UsageError) -> Request {
    let first = arguments.first
    if first == "help" { return try help(arguments.dropFirst()) }
    let words = arguments.prefix { $0 != "--" }
    let flag = "--generate-completion-script"
    if let place = words.firstIndex(where: { $0 == flag || $0.hasPrefix("\(flag)=") }) {
      let shell =
        words[place] == flag
        ? words.dropFirst(place + 1).first : String(words[place].dropFirst(flag.count + 1))
      return .completions(try completions(of: shell))
    }
    let named = first.flatMap { name in commands.first { $0.name == name } }
    let asksForHelp = words.contains { ["-h", "--help"].contains($0) }
    if asksForHelp { return .help(named.map(helpText) ?? helpText) }
    if words.contains("--version") { return .version }
    if named == nil, let first, !first.hasPrefix("-") {
      throw UsageError(
        "Unexpected argument '\(first)'\(suggestion(for: first, among: commands.map { $0.name }))")
    }
    var reader = ArgumentReader(named == nil ? arguments : Array(arguments.dropFirst()))
    let command = try (named ?? commands[0]).init(&reader)
    try reader.finish()
    return .run(command)
  }

  private func help(_ words: ArraySlice<String>) throws(UsageError) -> Request {
    guard let name = words.first, !["-h", "--help"].contains(name) else { return .help(helpText) }
    if name == "--json" { return .description }
    guard let command = commands.first(where: { $0.name == name }) else {
      throw UsageError("there is no command '\(name)'")
    }
    return .help(helpText(of: command))
  }

  private func completions(of shell: String?) throws(UsageError) -> String {
    switch shell {
    case "bash": bashCompletions
    case "zsh": zshCompletions
    case "fish": fishCompletions
    case nil:
      throw UsageError(
        "Missing value for '--generate-completion-script <shell>': bash, zsh or fish")
    case let shell?:
      throw UsageError(
        "Can't generate completion scripts for '\(shell)': only for bash, zsh and fish")
    }
  }
}
