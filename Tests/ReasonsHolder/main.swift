// Holds a probe without privileges: the process that tests look at from outside, and kill.
// Attaches, drops all capabilities, says "attached", then answers each line of input with the
// totals: "REASON PAGES_MIGRATED CALLS" by reason, and an empty line.

internal import Glibc
internal import MigrationReasons

do throws(ReasonsUnavailable) {
  var probe = try MigrationProbe(tracefs: CommandLine.arguments.last ?? "")
  do {
    try dropAllCapabilities()
  } catch {
    print(error)
  }
  say("attached")

  var totals: [ReasonTotals] = []
  while readLine() != nil {
    probe.read(into: &totals)
    for total in totals { print(total.reason, total.pagesMigrated, total.calls.reduce(0, +)) }
    say("")
  }
} catch {
  say("\(error)")
}

func say(_ line: String) {
  print(line)
  fflush(nil)  // To a pipe, printed lines wait for a buffer to fill.
}
