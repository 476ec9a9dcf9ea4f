extension CommandTable {
  /// Words for bash's programmable completion. bash splits words at `=`, too.
  var bashCompletions: String {
    let names = commands.map { $0.name }
    let values = Completion.all(of: self).map { flag in
      let words =
        switch flag.value {
        case .file: "-f"
        case .folder: "-d"
        case .oneOf(let choices): "-W '\(choices.joined(separator: " "))'"
        case .anything, nil: ""
        }
      let offer =
        words.isEmpty ? "" : "mapfile -t COMPREPLY < <(compgen \(words) -- \"$current\"); "
      return "    \(flag.name)) \(offer)return ;;"
    }
    let flags = commands.enumerated().map { index, command in
      let flags =
        command.parameters.filter { !$0.isOperand }
        .flatMap { [$0.name] + ($0.opposite.map { [$0] } ?? []) } + ["--help"]
      return
        "    \(index == 0 ? "''|" : "")\(command.name)) flags='\(flags.joined(separator: " "))' ;;"
    }
    return """
      # Completions of \(program) for bash, written by itself.
      _\(program)() {
        local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= word flags
        COMPREPLY=()
        if [[ $current == '=' ]]; then current=
        elif [[ $before == '=' ]]; then before=${COMP_WORDS[COMP_CWORD-2]}
        fi
        for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
          case $word in \(names.joined(separator: "|"))) command=$word; break ;; esac
        done
        compopt -o filenames 2>/dev/null
        case $before in
      \(values.joined(separator: "\n"))
        esac
        case $command in
      \(flags.joined(separator: "\n"))
        esac
        if [[ $current == -* ]]; then
          mapfile -t COMPREPLY < <(compgen -W "$flags --version" -- "$current")
        elif [[ -z $command ]]; then
          mapfile -t COMPREPLY < <(compgen -W '\(names.joined(separator: " ")) help' -- "$current")
        else
          case $command in \(Completion.takingFiles(commands).joined(separator: "|"))) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;; esac
        fi
      }
      complete -F _\(program) \(program)
      """
  }
}
