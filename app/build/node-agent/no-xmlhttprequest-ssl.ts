/** In the place of `xmlhttprequest-ssl`, for connections that are not WebSockets. */
export default function XMLHttpRequest() {
  throw new Error('A node agent connects by WebSocket only')
}
