/** One line of the report. */
export type Figure = {
  readonly name: string;
  readonly value: string;
  readonly aim: string;
  readonly isMet: boolean;
};

export type Aim = { readonly text: string; readonly isMet: boolean };

export const progress = (line: string) => void process.stderr.write(`${line}\n`);
export const whole = (value: number) => Math.round(value).toLocaleString('en');

export function median(list: readonly number[]): number {
  return list.toSorted((a, b) => a - b)[list.length >> 1] ?? 0;
}

export function percentile(list: readonly number[], share: number): number {
  return list.toSorted((a, b) => a - b)[Math.floor(list.length * share)] ?? 0;
}

/** Gathers figures as they come, and faults: mails refused, lost or doubled. */
export class Report {
  readonly figures: Figure[] = [];
  faults = 0;

  add(name: string, value: string, aim: Aim = { text: '', isMet: true }): void {
    this.figures.push({ name, value, aim: aim.text, isMet: aim.isMet });
    progress(`  ${name}: ${value}`);
  }

  print(isJson: boolean): void {
    const { figures, faults } = this;
    if (isJson) {
      process.stdout.write(`${JSON.stringify({ figures, faults })}\n`);
      return;
    }
    const width = Math.max(...figures.map(({ name }) => name.length));
    process.stdout.write('\n');
    for (const { name, value, aim, isMet } of figures) {
      const verdict = aim === '' ? '' : `aim ${aim}${isMet ? '' : '  MISSED'}`;
      process.stdout.write(`${name.padEnd(width)}  ${value.padStart(22)}  ${verdict}\n`);
    }
    process.stdout.write(`\nmails refused, lost or doubled: ${faults}\n`);
  }
}
