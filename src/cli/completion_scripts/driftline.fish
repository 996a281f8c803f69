# Completion of driftline for fish. Candidates come from the driftline of the PATH, never from the one that is typed.
function __driftline_candidates
    set -l typed (commandline --current-process --tokenize --cut-at-cursor)
    set -e typed[1]
    command driftline completions fish -- $typed (commandline --current-token --cut-at-cursor | string collect --allow-empty) 2> /dev/null
end
complete --command driftline --no-files --keep-order --arguments '(__driftline_candidates)'
