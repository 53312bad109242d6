/** What a person runs on the new machine, in the folder of Architect there. */
export function joinCommand(token: string, url: string | null, name: string | null): string {
  const named = name === null ? '' : ` --name ${name}`
  return `./deploy.sh node-agent --dashboard ${url ?? 'https://DASHBOARD:8080'} --token ${token}${named} --daemon`
}
