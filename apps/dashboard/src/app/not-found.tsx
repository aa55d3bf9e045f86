import { Link } from '@tanstack/react-router';
import { Button } from '../components/ui/button.tsx';

/** The address is of no page. */
export function NotFound() {
  return (
    <main className="flex min-h-full flex-col items-center justify-center gap-3 px-6 py-14 text-center">
      <img src="/favicon.svg" alt="" className="mb-2 size-10" />
      <h1 className="text-2xl font-semibold tracking-tight">There is no such page</h1>
      <p className="text-muted">The link is wrong, or is of another version of CourierX.</p>
      <Button asChild>
        <Link to="/">To the overview</Link>
      </Button>
    </main>
  );
}
