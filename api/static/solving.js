// Looks every other second whether the answer is there, and only then loads the page anew.
"use strict";
const look = async () => {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  const text = answer && answer.ok ? await answer.text() : 'id="solving"';
  if (text.includes('id="solving"')) setTimeout(look, 2000);
  else location.reload();
};
setTimeout(look, 1000);
