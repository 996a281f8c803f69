# Completion of driftline for bash. Candidates come from the driftline of the PATH, never from the one that is typed.
_driftline() {
    local line words=("${COMP_WORDS[@]:1:COMP_CWORD}")
    # The word up to the cursor; bash takes = for a word of its own.
    [[ ${COMP_WORDS[COMP_CWORD]} == "=" ]] || words[COMP_CWORD-1]=$2
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("${line%%$'\t'*}")
    done < <(command driftline completions bash -- "${words[@]}" 2> /dev/null)
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=/] ]] && compopt -o nospace 2> /dev/null
    return 0
}
complete -F _driftline driftline
