// Links from the page to files of the repository: relative, so that the folder may move; never anything but a file.
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path'
import { cutText } from '../lib/whole-text.ts'

export interface Links {
  /** To a file, named as the repository sees it or by its whole path. */
  toFile(path: string): string
  /** The same at a line. Browsers that look for text find the snippet's first line in it. */
  toLine(path: string, line: number, snippet: string): string
  /** How the file is called on the page. */
  nameOf(path: string): string
}

export function linksFrom(outFile: string, repo: string): Links {
  const toFile = (path: string) => {
    const target = relative(dirname(resolve(outFile)), resolve(repo, path))
    const encoded = target.split(sep).map(encodeURIComponent).join('/')
    // A first segment with a colon in it would be a scheme.
    return encoded.startsWith('../') ? encoded : `./${encoded}`
  }
  return {
    toFile,
    toLine(path, line, snippet) {
      const text = cutText(snippet.split('\n')[0]!.toWellFormed().trim(), 80)
      const directive = text === '' ? '' : `:~:text=${encodeURIComponent(text).replaceAll('-', '%2D')}`
      return `${toFile(path)}#L${line}${directive}`
    },
    nameOf: (path) => {
      const inside = relative(repo, resolve(repo, path))
      return inside.startsWith(`..${sep}`) || isAbsolute(inside) ? path : inside
    },
  }
}
