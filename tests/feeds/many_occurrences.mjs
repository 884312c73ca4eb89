// Prints what ical.js (Thunderbird's own reader) finds in each of many calendars, as JSON, a line each.
// usage: node many_occurrences.mjs LIBRARY FIRST LAST  <  JSON array of calendars (moments as ISO 8601)
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [library, first, last] = process.argv.slice(2);
const { default: ICAL } = await import(pathToFileURL(resolve(library)));
const [since, until] = [Date.parse(first), Date.parse(last)];

function occurrences(text) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  ICAL.TimezoneService.reset();
  for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
  const told = [];
  const tell = (event, start, end) => {
    const [begin, finish] = [start.toJSDate(), end.toJSDate()];
    const status = event.component.getFirstPropertyValue("status");
    if (status === "CANCELLED" || begin > until || finish < since) return;
    told.push([event.uid, begin.toISOString(), finish.toISOString()]);
  };
  const parts = calendar.getAllSubcomponents("vevent");
  const isException = (part) => part.hasProperty("recurrence-id");
  for (const part of parts.filter((one) => !isException(one))) {
    const uid = part.getFirstPropertyValue("uid");
    const own = parts.filter((one) => isException(one) && one.getFirstPropertyValue("uid") === uid);
    const event = new ICAL.Event(part, { exceptions: own });
    if (!event.isRecurring()) {
      tell(event, event.startDate, event.endDate);
      continue;
    }
    // ical.js begins with the first RDATE where there is no RRULE; by RFC 5545 3.8.5.2 and 3.8.5.3
    // DTSTART is the first instance of every recurrence set, and recurring-ical-events counts it too.
    const gone = part.getAllProperties("exdate").flatMap((one) => one.getValues());
    const isFirstLeftOut = !part.hasProperty("rrule") && part.hasProperty("rdate")
      && !gone.some((one) => one.compare(event.startDate) === 0);
    if (isFirstLeftOut) tell(event, event.startDate, event.endDate);
    const starts = event.iterator();
    for (let steps = 0, next = starts.next(); next && steps < 20000; steps += 1, next = starts.next()) {
      if (next.toJSDate() > until + 40 * 86400000) break;
      const found = event.getOccurrenceDetails(next);
      tell(found.item, found.startDate, found.endDate);
    }
  }
  return told;
}

for (const text of JSON.parse(readFileSync(0, "utf8"))) {
  let line;
  try {
    line = JSON.stringify(occurrences(text));
  } catch (error) {
    line = JSON.stringify({ refused: String(error) });
  }
  process.stdout.write(line + "\n");
}
