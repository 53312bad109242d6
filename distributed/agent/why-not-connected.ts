/** What the network said, which socket.io keeps behind a `websocket error` of its own; else the dashboard's refusal. */
export function whyNotConnected(error: Error & { description?: unknown }): string {
  const { description } = error
  const said = typeof description === 'object' && description !== null && 'message' in description
  return said && typeof description.message === 'string'
    ? description.message || error.message
    : error.message
}
