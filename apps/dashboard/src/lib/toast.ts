/** Says something in passing. The library that shows it is no part of the first load. */
export const toast = {
  success: (text: string) => void show('success', text),
  error: (text: string) => void show('error', text),
};

async function show(kind: 'success' | 'error', text: string): Promise<void> {
  const sonner = await import('sonner');
  sonner.toast[kind](text);
}
