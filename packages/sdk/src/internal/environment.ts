type WithProcess = { process?: { env?: Record<string, string | undefined> } };

/** A variable of the environment, where the platform has one. */
export function readEnvironment(name: string): string | undefined {
  const value = (globalThis as WithProcess).process?.env?.[name];
  return value === undefined || value === '' ? undefined : value;
}
