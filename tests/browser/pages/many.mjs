// The dashboard of a router against 50 000 objects.
import { Browser } from "../browser.mjs";
import { planted, scrolls } from "../planted.mjs";
import { holds } from "../world.mjs";

const many = 50_000;

export default async function (world) {
  const { top, producers } = await planted(world, many);
  const browser = await Browser.launch(world.root, { viewport: { width: 1200, height: 800 } });
  const page = await browser.open(`${top.admin}/#/objects`);
  await page.getByText(new RegExp(`^${many + 11}$`)).waitFor();
  await scrolls(page, many);
  const rows = () => page.locator(".at").count();
  await page.getByRole("searchbox").fill('"sensor":43210}');
  await holds("one of them is found", async () => (await rows()) === 1 && (await page.locator(".row").innerText()).includes("43210"));
  await page.getByRole("searchbox").fill("");
  await holds("all are back", async () => (await rows()) > 20);
  await browser.close();
  for (const exchange of producers) exchange.close();
}
