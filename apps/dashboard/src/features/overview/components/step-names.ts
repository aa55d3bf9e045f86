export const STEPS = ['connect', 'send', 'domain', 'key', 'webhook'] as const;
export type StepName = (typeof STEPS)[number];
export type Done = Readonly<Record<StepName, boolean>>;
