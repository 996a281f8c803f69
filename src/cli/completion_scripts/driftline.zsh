#compdef driftline
# Completion of driftline for zsh. Candidates come from the driftline of the PATH, never from the one that is typed.
_driftline() {
    local line value
    local -a whole open typed
    typed=("${(@)words[2,CURRENT-1]}" "$PREFIX")
    while IFS= read -r line; do
        value=${line%%$'\t'*}
        [[ $line == *$'\t'* ]] && line="$value:${line#*$'\t'}"
        if [[ $value == *[=/] ]]; then open+=("$line"); else whole+=("$line"); fi
    done < <(command driftline completions zsh -- "${typed[@]}" 2> /dev/null)
    _describe -V 'value' whole -- open -S ''
}
if [[ $funcstack[1] == _driftline ]]; then
    _driftline "$@"
else
    compdef _driftline driftline
fi
