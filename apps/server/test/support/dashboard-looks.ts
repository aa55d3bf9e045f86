import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

const AXE = fileURLToPath(import.meta.resolve('axe-core/axe.min.js'));
/** Where screenshots go, for people to look at; none are made without it. */
const SHOTS = process.env['COURIERX_SCREENSHOTS'];
const MAX_SHOT_PX = 1_400;
const WIDTHS = [1440, 768, 390];

type Axe = {
  readonly axe: {
    run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
  };
};

/** What is wrong with the looks of the page as it is, at every width, light and dark. */
export async function findLookFaults(page: Page, name: string): Promise<string[]> {
  const faults: string[] = [];
  const before = page.viewportSize();
  const axe = await readFile(AXE, 'utf8');
  await page.waitForFunction(() => document.querySelector('[data-loading]') === null);
  // Nothing moves, and nothing is pointed at.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.mouse.move(0, 0);
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    for (const theme of ['light', 'dark']) {
      const where = `${name}, ${width} px, ${theme}`;
      await page.evaluate((chosen) => {
        document.documentElement.classList.toggle('dark', chosen === 'dark');
      }, theme);
      await page.evaluate(axe);
      const found = await page.evaluate(async () => {
        const { violations } = await (globalThis as unknown as Axe).axe.run();
        return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160) ?? ''}`);
      });
      faults.push(...found.map((fault) => `${where}: ${fault}`));
      const isWide = await page.evaluate(
        () => document.documentElement.scrollWidth > window.innerWidth,
      );
      if (isWide) faults.push(`${where}: it is wider than the window`);
      const cut = await page.evaluate(findCut);
      faults.push(...cut.map((text) => `${where}: it is cut off: ${text}`));
      if (SHOTS === undefined) continue;
      const path = join(SHOTS, `${name}-${width}-${theme}.png`);
      const height = await page.evaluate(() => document.documentElement.scrollHeight);
      const clip = { x: 0, y: 0, width, height: Math.min(height, MAX_SHOT_PX) };
      await page.screenshot({ path, fullPage: true, clip });
    }
  }
  await page.evaluate(() => document.documentElement.classList.remove('dark'));
  if (before !== null) await page.setViewportSize(before);
  return faults;
}

/** What is wider than the box that hides the rest of it, where nothing shows that there is more. */
function findCut(): string[] {
  const isCut = (element: Element) => {
    const { overflowX, textOverflow } = getComputedStyle(element);
    const hides = overflowX === 'hidden' || overflowX === 'clip';
    const isShown = element.clientWidth > 1 && !element.classList.contains('sr-only');
    return (
      hides &&
      isShown &&
      textOverflow !== 'ellipsis' &&
      element.scrollWidth > element.clientWidth + 1
    );
  };
  return [...document.querySelectorAll('body *:not(input)')]
    .filter((element) => isCut(element) && element.closest('svg, [aria-hidden=true]') === null)
    .map((element) => `${element.tagName} ${element.textContent.trim().slice(0, 60)}`);
}
