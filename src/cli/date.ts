/** A time as people write it: `2026-11-30 22:48:04 UTC`; what is not a time of ISO 8601 stays as it is. */
export const dateForPeople = (text: string): string => text.replace(time, "$1 $2 UTC");

const time = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/;
