export interface Page {
  readonly name: string;
  readonly command: string;
  readonly needs?: string;
}

export const pages: readonly Page[];
