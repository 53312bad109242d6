/** Kinds of work as people say them. */
export const kindNames = { feature: 'feature', bug: 'bug', devops_task: 'devops task' } as const
