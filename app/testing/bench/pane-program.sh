# An agent's screen without an agent, drawn as the scripted agent draws itself, by bash alone: a hundred of
# them cost next to nothing. $1: idle (draws once), spin (5 redraws a second), flip (begins and ends turns at
# random moments, and writes each beginning, in µs since 1970, to the file $2).
stty -echo -icanon
printf -v rule '─%.0s' {1..100}

draw() { # title's sign, footer
  printf '\e]2;%s Scripted\a\e[H\e[2J\e[27;1H%s\e[28;1H❯ \e[29;1H%s\e[30;1H  scripted · %s\e[28;3H' "$1" "$rule" "$rule" "$2"
}

pause() { read -r -N 1 -t "$1" _; }

case $1 in
  idle)
    draw ✳ ready
    while :; do read -r _; done
    ;;
  spin)
    draw ◐ 'esc to interrupt'
    for ((turn = 0; ; turn++)); do
      printf '\e[?25l\e[25;1H%s working (%ss)\e[K\e[28;3H\e[?25h' "$((turn % 10))" "$((turn / 5))"
      pause 0.2
    done
    ;;
  flip)
    draw ✳ ready
    while :; do
      pause "$((RANDOM % 9 + 4)).$((RANDOM % 900 + 100))"
      began=${EPOCHREALTIME/[.,]/}
      draw ◐ 'esc to interrupt'
      echo "$began" >>"$2"
      pause "$((RANDOM % 3 + 1)).$((RANDOM % 900 + 100))"
      draw ✳ ready
    done
    ;;
esac
