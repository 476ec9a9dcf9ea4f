import Arguments
import Testing

/// A command with one of each, and one with operands.
private struct Serve: Command {
  static let name = "serve"
  static let abstract = "Serve until the end."

  let addresses: [String]
  let size: Int
  let path: String?
  let pause: Duration
  let level: Level
  let isQuick: Bool
  let isOn: Bool

  enum Level: String, CaseIterable, ArgumentValue { case low, high, none }

  init(_ arguments: inout ArgumentReader) throws(UsageError) {
    addresses = try arguments.values("listen.address", "address", "Where to listen.")
    size = try arguments.value("size", "n", standard: 7, "How large.")
    path = try arguments.value("path.procfs", "folder", "Where procfs is.")
    pause = try arguments.value("pause", "duration", standard: .seconds(1), "How long to wait.")
    level = try arguments.value("level", "level", standard: .low, "How much to say.")
    isQuick = try arguments.flag("quick", "Be quick.")
    isOn = try arguments.toggle("collector.x", isOn: true, "Collect x.", details: "Needs root.")
  }

  func run() {}

  var values: String {
    "\(addresses) \(size) \(path ?? "-") \(pause) \(level) \(isQuick) \(isOn)"
  }
}

private struct Show: Command {
  static let name = "show"
  static let abstract = "Show some, it's [said]."
  static let discussion: String? = "In words."

  let isShort: Bool
  let seconds: Double
  let numbers: [Int]

  init(_ arguments: inout ArgumentReader) throws(UsageError) {
    isShort = try arguments.flag("short", "Be short.")
    seconds = try arguments.operand("seconds", standard: 1.0, "How long.", form: "seconds")
    numbers = try arguments.requiredOperands("number", "Which.")
  }

  func run() {}

  var values: String { "\(isShort) \(seconds) \(numbers)" }
}

private let table = CommandTable(
  program: "tool", abstract: "Tries arguments.", discussion: "It does nothing else.",
  commands: [Serve.self, Show.self])

/// What was understood, or what was said to be wrong.
private func outcome(_ line: String) -> String {
  do {
    switch try table.request(line.split(separator: " ").map(String.init)) {
    case .run(let command as Serve): return command.values
    case .run(let command as Show): return command.values
    case .run: return "another command"
    case .help(let text): return String(text.prefix { $0 != "\n" })
    case .description: return "description"
    case .version: return "version"
    case .completions(let script): return String(script.prefix { $0 != "\n" })
    }
  } catch {
    return error.description
  }
}

@Suite struct `A command line` {
  @Test(arguments: [
    ("", "[] 7 - 1.0 seconds low false true"),
    ("serve", "[] 7 - 1.0 seconds low false true"),
    ("--size=8 --quick", "[] 8 - 1.0 seconds low true true"),
    ("--size 8 --size 9", "[] 9 - 1.0 seconds low false true"),
    ("--size=-8", "[] -8 - 1.0 seconds low false true"),
    ("--path.procfs=", "[] 7  1.0 seconds low false true"),
    ("--path.procfs=a=b", "[] 7 a=b 1.0 seconds low false true"),
    ("--path.procfs -", "[] 7 - 1.0 seconds low false true"),
    (
      "serve --listen.address a --pause 5m --listen.address=b",
      "[\"a\", \"b\"] 7 - 300.0 seconds low false true"
    ),
    ("--no-collector.x --level=high", "[] 7 - 1.0 seconds high false false"),
    ("--no-collector.x --collector.x", "[] 7 - 1.0 seconds low false true"),
    ("--collector.x --no-collector.x", "[] 7 - 1.0 seconds low false false"),
    ("show 2 3", "false 2.0 [3]"),
    ("show 2 3 --short 4", "true 2.0 [3, 4]"),
    ("show -- 2 -3", "false 2.0 [-3]"),
  ])
  func `is understood`(line: String, values: String) {
    #expect(outcome(line) == values)
  }

  @Test(arguments: [
    ("--sise=8", "Unknown option '--sise'. Did you mean '--size'?"),
    ("--no-collector.y", "Unknown option '--no-collector.y'. Did you mean '--no-collector.x'?"),
    ("-x", "Unknown option '-x'"),
    ("--frobnicate", "Unknown option '--frobnicate'"),
    ("--collector.xx=1", "Unknown option '--collector.xx'. Did you mean '--collector.x'?"),
    ("shwo 1", "Unexpected argument 'shwo'. Did you mean 'show'?"),
    ("--quick word", "Unexpected argument 'word'"),
    ("--size=8 -- --quick", "Unexpected argument '--quick'"),
    ("--size", "Missing value for '--size <n>'"),
    ("--size --quick", "Missing value for '--size <n>'"),
    ("--size -- 8", "Missing value for '--size <n>'"),
    (
      "--size=many",
      "The value 'many' is invalid for '--size <n>': give it as a whole number such as 100"
    ),
    ("--size=", "The value '' is invalid for '--size <n>': give it as a whole number such as 100"),
    (
      "--size=9223372036854775808",
      "The value '9223372036854775808' is invalid for '--size <n>': give it as a whole number such as 100"
    ),
    (
      "--pause=soon",
      "The value 'soon' is invalid for '--pause <duration>': give it as 500ms, 10s, 5m or 1h"
    ),
    (
      "--level=loud",
      "The value 'loud' is invalid for '--level <level>'. Please provide one of 'low', 'high' or 'none'."
    ),
    ("--quick=yes", "The option '--quick' does not take any value, but 'yes' was specified."),
    (
      "--no-collector.x=1",
      "The option '--no-collector.x' does not take any value, but '1' was specified."
    ),
    ("show 2", "Missing expected argument '<number> ...'"),
    ("show --shrot 2", "Unknown option '--shrot'. Did you mean '--short'?"),
    ("show often 1", "The value 'often' is invalid for '<seconds>': give it as seconds"),
    ("show 1 -2", "Unknown option '-2'"),
    ("help nothing", "there is no command 'nothing'"),
    (
      "--generate-completion-script ksh",
      "Can't generate completion scripts for 'ksh': only for bash, zsh and fish"
    ),
  ])
  func `is refused with what is wrong`(line: String, problem: String) {
    #expect(outcome(line) == problem)
  }

  @Test(arguments: [
    ("--help", "OVERVIEW: Tries arguments."), ("-h", "OVERVIEW: Tries arguments."),
    ("help", "OVERVIEW: Tries arguments."), ("help show", "OVERVIEW: Show some, it's [said]."),
    ("show --bogus -h", "OVERVIEW: Show some, it's [said]."), ("help --json", "description"),
    ("show --version", "version"), ("--size=x --version", "version"),
    ("--generate-completion-script=zsh", "#compdef tool"),
    ("--generate-completion-script fish", "# Completions of tool for fish, written by itself."),
  ])
  func `may ask about the program itself`(line: String, answer: String) {
    #expect(outcome(line) == answer)
  }

  @Test func `has its help on 80 columns`() throws {
    guard case .help(let text) = try table.request(["--help"]) else {
      Issue.record("no help")
      return
    }
    #expect(
      text == """
        OVERVIEW: Tries arguments.

        It does nothing else.

        USAGE: tool [<subcommand>] [<options>]

        SUBCOMMANDS:
          serve (default)         Serve until the end.
          show                    Show some, it's [said].

          See 'tool help <subcommand>' for detailed help.

        OPTIONS:
          --listen.address <address>
                                  Where to listen.
          --size <n>              How large. (default: 7)
          --path.procfs <folder>  Where procfs is.
          --pause <duration>      How long to wait. (default: 1s)
          --level <level>         How much to say. (values: low, high, none; default:
                                  low)
          --quick                 Be quick.
          --collector.x/--no-collector.x
                                  Collect x. Needs root. (default: --collector.x)
          --version               Show the version.
          -h, --help              Show help information.

        """)
  }
}
