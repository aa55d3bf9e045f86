const DAY_MS = 24 * 60 * 60 * 1000;

/** A bound of a range of time, as a query gives it; null where there is none, or it is a fault. */
export function readTime(
  text: string | undefined,
  { field, endOfDay, faults }: { field: string; endOfDay: boolean; faults: string[] },
): Date | null {
  if (text === undefined) return null;
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const isTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text);
  const time = new Date(text);
  if (!(isDay || isTime) || Number.isNaN(time.getTime()) || !isDayOfCalendar(text.slice(0, 10))) {
    faults.push(`${field} must be a date (2026-03-22) or a UTC time (2026-03-22T10:30:00Z)`);
    return null;
  }
  return isDay && endOfDay ? new Date(time.getTime() + DAY_MS) : time;
}

/** What a day may be, with room for a range around it: further off, PostgreSQL and ISO 8601 part. */
const [FIRST_DAY, LAST_DAY] = ['1970-01-01', '2999-12-31'];

/** A day as a query gives it, YYYY-MM-DD; null where there is none, or it is a fault. */
export function readDay(
  text: string | undefined,
  { field, faults }: { field: string; faults: string[] },
): string | null {
  if (text === undefined) return null;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || !isDayOfCalendar(text)) {
    faults.push(`${field} must be a date (2026-03-22)`);
  } else if (text < FIRST_DAY || text > LAST_DAY) {
    faults.push(`${field} must be from ${FIRST_DAY} to ${LAST_DAY}`);
  } else return text;
  return null;
}

/** JavaScript takes 30 February for the 2nd of March. */
export function isDayOfCalendar(day: string): boolean {
  const time = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(day);
}
