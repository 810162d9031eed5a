// Drives the simulator's page in a headless Chromium, as somebody who tries it would. Started by test_sim_page.py.
//   node sim_page.js '{"url":..., "browser":...}'
'use strict'
const { chromium } = require('playwright-core')
const assert = require('node:assert')

const given = JSON.parse(process.argv[2])
const faults = []
const post = (verb, body) => fetch(given.url + '/sim/' + verb, { method: 'POST', body: JSON.stringify(body) })
const row = (page, table, words) => page.locator(`#${table} tbody tr`).filter({ hasText: words })

const steps = {
  async 'a price set by hand fills what rests' (page) {
    await post('foreign', { symbol: 'PF_XBTUSD', side: 'buy', size: '1', price: '59990', cliOrdId: 'near' })
    await post('foreign', { symbol: 'PF_XBTUSD', side: 'buy', size: '2', price: '50000', cliOrdId: 'far' })
    await page.goto(given.url + '/sim')
    await row(page, 'orders', 'near').waitFor()
    await page.fill('#price [name=bid]', '59980')
    await page.fill('#price [name=ask]', '59981')
    await page.click('text=Set price')
    await row(page, 'fills', 'near').waitFor()
    await row(page, 'orders', 'near').waitFor({ state: 'detached' })
    assert.strictEqual(await row(page, 'instruments', 'PF_XBTUSD').locator('td').nth(1).textContent(), '59980')
  },
  async 'a percent is whole ticks' (page) {
    await page.click('text=PF_SHIBUSD')
    await page.click('[data-move="0.1"]')
    await row(page, 'instruments', '0.00002502').waitFor()      // one tick: a thousandth is less
  },
  async 'an order is filled and one is canceled by a button' (page) {
    await page.click('[aria-label="Fill far"]')
    await row(page, 'fills', 'far').waitFor()
    await post('foreign', { symbol: 'PF_XBTUSD', side: 'sell', size: '1', price: '70000', cliOrdId: 'gone' })
    await page.click('[aria-label="Cancel gone"]')
    await row(page, 'orders', 'gone').waitFor({ state: 'detached' })
  },
  async 'a fault is injected and removed' (page) {
    await page.fill('#fault [name=op]', 'sendorder')
    await page.selectOption('#fault [name=fault]', 'drop')
    await page.click('text=Inject')
    await row(page, 'faults', 'sendorder').waitFor()
    await page.click('#faults >> text=Remove')
    await row(page, 'faults', 'sendorder').waitFor({ state: 'detached' })
  },
  async 'prices move by themselves until they are stopped' (page) {
    const bid = () => row(page, 'instruments', 'PF_ETHUSD').locator('td').nth(1).textContent()
    const before = await bid()
    await page.fill('#speed', '50')
    await page.click('#walk')
    await page.waitForFunction(was => document.querySelectorAll('#instruments tbody tr')[2].cells[1].textContent !== was, before)
    await page.click('#walk')
    await page.locator('#walk[aria-pressed=false]').waitFor()
  },
  async 'a mistake is said' (page) {
    await page.fill('#speed', 'fast')
    await page.click('#pace')
    await page.locator('#said', { hasText: 'steps a second' }).waitFor()
    assert.strictEqual(faults.splice(0).filter(f => !/400/.test(f)).length, 0)      // the refusal itself
  },
  async 'it fits a narrow screen' (page) {
    await page.setViewportSize({ width: 360, height: 780 })
    const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    assert.ok(over <= 0, `${over} px too wide`)
  }
}

async function main () {
  const browser = await chromium.launch({ executablePath: given.browser, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    page.setDefaultTimeout(20000)
    page.on('console', m => { if (m.type() === 'error') faults.push(m.text()) })
    page.on('pageerror', e => faults.push(String(e)))
    for (const [name, step] of Object.entries(steps)) {
      await step(page)
      assert.deepStrictEqual(faults.filter(f => !/favicon|404/.test(f)), [], name)
      console.log('ok ' + name)
    }
    console.log('done ' + Object.keys(steps).length)
  } finally {
    await browser.close()
  }
}

main().catch(e => {
  console.log('failed: ' + (e.stack || e))
  process.exitCode = 1
})
