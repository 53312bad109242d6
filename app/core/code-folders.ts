import { z } from 'zod'

/** Where projects are looked for; `~` is the home of who runs Architect. */
export const codeFoldersSchema = z.object({
  folders: z
    .array(
      z
        .string()
        .trim()
        .max(4_096)
        .regex(/^(~(\/|$)|\/)[^\0\n]*$/, { error: 'must be an absolute path, or begin with ~/' }),
    )
    .max(50),
})
export type CodeFolders = z.infer<typeof codeFoldersSchema>

export const usualCodeFolders: CodeFolders = { folders: ['~/gitrepos', '~/Desktop/gitrepo/pyWork'] }
