import { expect, it } from 'vitest';
import { inlinePictures } from './get-preview.ts';

const picture = (contentId: string, contentType = 'image/png', content = Buffer.from('x')) => ({
  ...{ contentId, contentType, content },
});
const X = `data:image/png;base64,${Buffer.from('x').toString('base64')}`;

it.each([
  ['<img src="cid:logo">', `<img src="${X}">`],
  ["<img src='CID:logo'>", `<img src='${X}'>`],
  ['<td style="background:url(cid:logo)">', `<td style="background:url(${X})">`],
  ['<img src="cid:a%40b.c">', `<img src="${X}">`],
  ['<img src="cid:other">', '<img src="cid:other">'],
  ['<img src="cid:%">', '<img src="cid:%">'],
])('puts the picture of %s into the page', (html, expected) => {
  expect(inlinePictures(html, [picture('logo'), picture('<a@b.c>')])).toBe(expected);
});

it('takes no more of a type than its name, and leaves out what is too much', () => {
  const odd = picture('odd', 'image/png;"><script>');
  expect(inlinePictures('cid:odd', [odd])).toBe(X);
  const large = picture('large', 'image/png', Buffer.alloc(9 * 1024 * 1024));
  expect(inlinePictures('cid:large', [large])).toBe('cid:large');
});
