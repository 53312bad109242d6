/**
 * Answers what came over the connection that a client's socket has now, and nothing once that has ended: the number
 * of an answer means another question to a server that was started meanwhile.
 */
export function unlessLate<Said extends unknown[]>(
  socket: { readonly id?: string | undefined },
  answer: (...said: Said) => void,
): (...said: Said) => void {
  const { id } = socket
  return (...said) => {
    if (socket.id === id) answer(...said)
  }
}
