/** Arguments without spaces in them. */
export const words = (line: string): string[] => line.split(" ");
