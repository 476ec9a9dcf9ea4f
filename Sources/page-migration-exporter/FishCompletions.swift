/// The argument parser's completion script for fish, made fit for flags with dots in their names.
///
/// fish's argparse(1) refuses such names in its specifications, and the script then asks it again for
/// ever. So the names are given to it with underscores for dots, as are the words that it parses, and
/// a refusal ends the loop. To be dropped once swift-argument-parser does as much by itself.
struct FishCompletions {
  let text: String

  init(_ script: String) {
    text = script.split(separator: "\n", omittingEmptySubsequences: false).map(Self.mended)
      .joined(separator: "\n")
  }

  private static func mended(_ original: Substring) -> String {
    let line = String(original)
    let code = line.drop { $0 == " " }
    let name = "__page-migration-exporter"
    if code.hasPrefix("\(name)_parse_subcommand ") { return line.replacing(".", with: "_") }
    if code.hasPrefix("set -l unparsed_tokens (\(name)_tokens -pc)") {
      let dots = #"'(?:^(--[^=.]*)|(?!^)\G([^=.]*))\.' '$1$2_'"#
      return line.replacing("_tokens -pc)", with: "_tokens -pc | string replace -ra \(dots))")
    }
    if code.hasPrefix("argparse -sn ") { return line + "; or break" }
    return line.replacing("string replace -a - _ --", with: "string replace -ra '[-.]' _ --")
  }
}
