const number = new Intl.NumberFormat();
const percent = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 });
const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
/** Words among the page's own, which are English. */
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

export const formatNumber = (value: number) => number.format(value);
export const formatPercent = (share: number) => percent.format(share);
/** In the viewer's zone and language. */
export const formatDateTime = (time: string) => dateTime.format(new Date(time));
export const formatDay = (time: string) => day.format(new Date(time));

/** When a day begins in the viewer's zone, or one so many days later; what is no day is given back. */
export function startOfDay(text: string, daysLater = 0): string {
  const time = new Date(`${text}T00:00`);
  if (Number.isNaN(time.getTime())) return text;
  time.setDate(time.getDate() + daysLater);
  return time.toISOString();
}

/** "5 minutes ago". */
export function formatRelative(time: string, nowMs: number): string {
  const seconds = Math.round((Date.parse(time) - nowMs) / 1000);
  const unit = UNITS.find(([, size]) => Math.abs(seconds) >= size);
  if (unit === undefined) {
    return Math.abs(seconds) < 10 ? 'just now' : relative.format(seconds, 'second');
  }
  return relative.format(Math.round(seconds / unit[1]), unit[0]);
}

/** "3 min", "2 h" for a number of seconds. */
export function formatDuration(seconds: number): string {
  const [unit, size] = UNITS.find(([, each]) => seconds >= each) ?? ['second', 1];
  const short = { day: 'd', hour: 'h', minute: 'min', second: 's' }[unit];
  return `${Math.floor(seconds / size)} ${short}`;
}

/** `aws_ses` → "Amazon SES", `soft_bounced` → "Soft bounced". */
export function humanize(word: string): string {
  const spaced = word.replaceAll('_', ' ');
  return NAMES[word] ?? spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

const NAMES: Readonly<Record<string, string>> = {
  sendgrid: 'SendGrid',
  aws_ses: 'Amazon SES',
  smtp: 'SMTP',
};
