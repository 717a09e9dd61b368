/** Of the search's index: page, heading, address from the root of the site, text. */
export type Row = readonly [page: string, heading: string, address: string, text: string];
