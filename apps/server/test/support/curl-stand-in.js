#!/usr/bin/env node
// For machines without curl: the few options that the documented calls use.
import process from 'node:process';

const headers = {};
let method = 'GET';
let body;
let url = '';
const args = process.argv.slice(2);
while (args.length > 0) {
  const arg = args.shift();
  if (arg === '-X') method = args.shift();
  else if (arg === '-d') body = args.shift();
  else if (arg === '-H') {
    const [name, ...value] = args.shift().split(':');
    headers[name.trim()] = value.join(':').trim();
  } else if (!arg.startsWith('-')) url = arg;
}
const response = await fetch(url, { method, headers, body });
process.stdout.write(await response.text());
