# bash completion for teleconsult(1); the tool itself knows what can follow.

_teleconsult()
{
	local value _help
	COMPREPLY=()
	while IFS=$'\t' read -r value _help; do
		if [[ $value == :files ]]; then
			compopt -o filenames 2>/dev/null
			while IFS= read -r value; do
				COMPREPLY+=("$value")
			done < <(compgen -f -- "$2")
		else
			COMPREPLY+=("$value")
		fi
	done < <(command "$1" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" \
		2>/dev/null </dev/null)
}

complete -F _teleconsult teleconsult
