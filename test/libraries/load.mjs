/** Stands beside the libraries when they are installed, so that they are found from here. */
export const load = (name) => import(name);
